import { OpenAI, OpenAIEmbedding, openaiResponses } from '@llamaindex/openai'

const connection = {
  apiKey: process.env['RAGSTONE_API_KEY'] ?? 'rs_…',
  baseURL: `${process.env['RAGSTONE_URL']}/v1`,
}
const vectorStoreId = process.env['RAGSTONE_STORE'] ?? 'vs_…'
const messages = [{ role: 'user' as const, content: 'How many days of leave are there?' }]

// The vector store is the model. LlamaIndex always sends a temperature; Ragstone takes it.
const chat = new OpenAI({ ...connection, model: vectorStoreId })
for await (const chunk of await chat.chat({ messages, stream: true })) {
  process.stdout.write(chunk.delta)
}

// Cites are in what was received: annotations of the message.
const { message, raw } = await chat.chat({ messages })
console.log(message.content)
if (raw !== null && 'choices' in raw) console.log(JSON.stringify(raw.choices))

const embedding = new OpenAIEmbedding({ ...connection, model: 'all-minilm-l6-v2-int8' })
console.log(`${(await embedding.getTextEmbedding('leave')).length} dimensions`)
