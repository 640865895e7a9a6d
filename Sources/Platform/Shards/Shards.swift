// Shards: see ARCHITECTURE.md.
