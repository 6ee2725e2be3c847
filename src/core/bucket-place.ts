/** Where to, and as whom. */
export interface BucketPlace {
  readonly bucket: string
  /** Null is Amazon's own for the region. */
  readonly endpoint: string | null
  readonly region: string
  /** The bucket in the path in place of the host's name. */
  readonly pathStyle: boolean
  /** Null asks where Amazon's own tools look: variables, files, the machine's role. */
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  } | null
}
