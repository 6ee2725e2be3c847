export const FUNCTION = { name: 'look_up', parameters: { type: 'object', properties: {} } }
const EVERYWHERE = {
  moderation: { model: 'omni-moderation-latest' },
  parallel_tool_calls: false,
  prompt_cache_key: 'tests',
  prompt_cache_options: {},
  prompt_cache_retention: '24h',
  safety_identifier: 'someone',
  service_tier: 'auto',
  top_logprobs: 2,
}
/** Of chat completions; each is sent alone. */
export const CHAT_REST: Readonly<Record<string, unknown>> = {
  ...EVERYWHERE,
  audio: { format: 'mp3', voice: 'alloy' },
  frequency_penalty: 0.5,
  function_call: { name: 'look_up' },
  functions: [FUNCTION],
  logit_bias: { 42: 1 },
  logprobs: true,
  modalities: ['audio'],
  n: 2,
  prediction: { type: 'content', content: 'x' },
  presence_penalty: 0.5,
  reasoning_effort: 'low',
  response_format: { type: 'json_object' },
  seed: 7,
  store: true,
  verbosity: 'low',
  web_search_options: {},
}
/** Of responses; each is sent alone. */
export const RESPONSE_REST: Readonly<Record<string, unknown>> = {
  ...EVERYWHERE,
  access_programs: [],
  context_management: [{ type: 'compaction' }],
  image: {},
  prompt: { id: 'pmpt_1' },
  reasoning: { effort: 'low' },
  text: { format: { type: 'json_object' } },
}

/** Everything that embeddings take. */
export const EMBED = {
  model: 'all-minilm-l6-v2-int8',
  input: ['leave'],
  dimensions: 384,
  user: 'someone',
}
