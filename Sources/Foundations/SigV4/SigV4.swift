// SigV4: see ARCHITECTURE.md.
