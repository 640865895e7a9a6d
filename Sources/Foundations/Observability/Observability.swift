// Observability: see ARCHITECTURE.md.
