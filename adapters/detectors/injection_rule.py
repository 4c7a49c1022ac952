"""What an injection rule is."""

OPERATING_POINT = 0.5
SOURCES = (
    "https://genai.owasp.org/llmrisk/llm01-prompt-injection/",
    "Perez & Ribeiro, Ignore Previous Prompt, 2022, arXiv:2211.09527",
    "Greshake et al., Indirect Prompt Injection, 2023, arXiv:2302.12173",
)
