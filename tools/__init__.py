"""What contributors and CI run: the pairs of chapters and the comparison of stored with fresh outputs."""
