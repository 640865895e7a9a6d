// Authorizer: see ARCHITECTURE.md.
