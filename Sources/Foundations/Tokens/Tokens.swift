// Tokens: see ARCHITECTURE.md.
