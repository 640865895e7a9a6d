// Threads: see ARCHITECTURE.md.
