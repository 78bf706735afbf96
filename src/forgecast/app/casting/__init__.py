"""What a casting run leaves in its folder: fields, surface, pictures, summary and a page to hand on."""
