// Trust: see ARCHITECTURE.md.
