"""The Faust shell around the domain: records in, checkpoints and summaries out, each event once."""
