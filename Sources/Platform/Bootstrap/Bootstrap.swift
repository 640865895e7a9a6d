// Bootstrap: see ARCHITECTURE.md.
