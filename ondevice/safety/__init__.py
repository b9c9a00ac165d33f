"""What keeps threads, forks, files, terminals and secrets from going wrong, whatever the rooms above do with them."""
