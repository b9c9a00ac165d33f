"""The model builder's side: fetch, train, convert and publish what devices load."""
