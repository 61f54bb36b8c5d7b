"""One executable derivation per claim, under the id of the claim."""
