"""The Faust shell around the domain: records in, checkpoints and summaries out, nothing lost and nothing
twice."""
