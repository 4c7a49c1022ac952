"""Programs that fit the models of `model_store` from a folder of labelled records."""
