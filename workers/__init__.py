"""Celery workers: thin edges around the pipeline."""
