// Kafka: see ARCHITECTURE.md.
