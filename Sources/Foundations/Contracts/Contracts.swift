// Contracts: see ARCHITECTURE.md.
