// Encodings: see ARCHITECTURE.md.
