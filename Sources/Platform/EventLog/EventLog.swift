// EventLog: see ARCHITECTURE.md.
