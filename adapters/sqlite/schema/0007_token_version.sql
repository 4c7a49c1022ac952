UPDATE users SET document = json_set(document, '$.token_version', 0);
