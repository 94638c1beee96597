import { ApiError, found } from '../../gateway/errors';

interface StoredObject {
  readonly content: Buffer;
  readonly lastModified: Date;
}

/** The buckets of Amazon S3 and the objects in them. */
export class Buckets {
  #objects = new Map<string, Map<string, StoredObject>>();

  /** @throws ApiError BucketAlreadyOwnedByYou, as in all Regions but us-east-1 (API reference, CreateBucket) */
  create(bucket: string): void {
    if (this.#objects.has(bucket)) {
      const message = 'Your previous request to create the named bucket succeeded and you already own it.';
      throw new ApiError('BucketAlreadyOwnedByYou', message);
    }
    this.#objects.set(bucket, new Map());
  }

  /** @throws ApiError BucketNotEmpty, NoSuchBucket */
  delete(bucket: string): void {
    if (this.objects(bucket).size > 0) {
      throw new ApiError('BucketNotEmpty', 'The bucket you tried to delete is not empty');
    }
    this.#objects.delete(bucket);
  }

  /** An object's content, if there is one. */
  find(bucket: string, key: string): Buffer | undefined {
    return this.#objects.get(bucket)?.get(key)?.content;
  }

  /** The objects of a bucket by their keys. @throws ApiError NoSuchBucket */
  objects(bucket: string): Map<string, StoredObject> {
    const missing = new ApiError('NoSuchBucket', 'The specified bucket does not exist');
    return found(this.#objects.get(bucket), missing);
  }

  /** @throws ApiError NoSuchBucket */
  put(bucket: string, key: string, body: Buffer): void {
    this.objects(bucket).set(key, { content: body, lastModified: new Date() });
  }
}
