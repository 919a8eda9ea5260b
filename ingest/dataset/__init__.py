"""A data set of the documents in a folder or a bucket: a file for each day and source, and a manifest."""
