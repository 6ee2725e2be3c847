curl --silent --fail-with-body --no-buffer "$RAGSTONE_URL/v1/responses" \
  --header "Authorization: Bearer $RAGSTONE_API_KEY" \
  --json "{
    \"model\": \"$RAGSTONE_STORE\",
    \"input\": \"How many days of leave are there?\",
    \"stream\": true
  }"
