// Identity: see ARCHITECTURE.md.
