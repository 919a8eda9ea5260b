"""The main job: how dumps get from readers through cleaning processes into the store."""
