// Policies: see ARCHITECTURE.md.
