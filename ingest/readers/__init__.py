"""What holds dumps: files and folders; each yields `Dump`s."""
