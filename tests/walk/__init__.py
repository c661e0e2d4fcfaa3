"""`make walk`: what docs/deploy.md tells people to do, done on a clean Debian that is thrown away."""
