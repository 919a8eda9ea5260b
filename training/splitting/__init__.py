"""What fits the splitter's network and its comparison of whole stories."""
