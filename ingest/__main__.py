"""``python -m ingest``"""

if __name__ == "__main__":  # processes of the pool load this module again, under another name
    from ingest.cli import main

    main()
