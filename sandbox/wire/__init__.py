"""The carrier's API on the wire: transport, credentials, parameters, status words, faults."""
