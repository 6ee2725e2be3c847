import OpenAI from 'openai'

const ragstone = new OpenAI({
  baseURL: `${process.env['RAGSTONE_URL']}/v1`,
  apiKey: process.env['RAGSTONE_API_KEY'],
})

const stream = ragstone.chat.completions.stream({
  // The id of a vector store is a model too: its documents, answered by the default model.
  model: process.env['RAGSTONE_STORE'] ?? 'vs_…',
  messages: [{ role: 'user', content: 'How many days of leave are there?' }],
  stream_options: { include_usage: true },
})
stream.on('content', (delta) => process.stdout.write(delta))
await stream.done()
