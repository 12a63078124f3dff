"""The frozen types that flow between the stages; nothing here does any work."""
