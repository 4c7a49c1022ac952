"""What a detection means: findings, the taxonomy, spans and their fusion."""
