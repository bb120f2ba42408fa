"""The models behind stages. Only what runs one imports these modules: each of them imports torch."""
