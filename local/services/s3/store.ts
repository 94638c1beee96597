import { ApiError } from '../../gateway/errors';

/** An object of Amazon S3. */
interface StoredObject {
  readonly content: Buffer;
  readonly lastModified: Date;
}

/** The buckets of Amazon S3 and the objects in them. */
export class Buckets {
  #objects = new Map<string, Map<string, StoredObject>>();

  /** A bucket that is there stays as it is: us-east-1 accepts its owner's repeated CreateBucket (API reference). */
  create(bucket: string): void {
    this.#objects.set(bucket, this.#objects.get(bucket) ?? new Map());
  }

  /** @returns whether there was one. @throws ApiError BucketNotEmpty */
  delete(bucket: string): boolean {
    if (this.#objects.get(bucket)?.size) {
      throw new ApiError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409);
    }
    return this.#objects.delete(bucket);
  }

  /** An object's content, if there is one. */
  find(bucket: string, key: string): Buffer | undefined {
    return this.#objects.get(bucket)?.get(key)?.content;
  }

  /** The objects of a bucket by their keys. @throws ApiError NoSuchBucket */
  objects(bucket: string): Map<string, StoredObject> {
    const objects = this.#objects.get(bucket);
    if (!objects) {
      throw new ApiError('NoSuchBucket', 'The specified bucket does not exist', 404);
    }
    return objects;
  }

  /** @throws ApiError NoSuchBucket */
  put(bucket: string, key: string, body: Buffer): void {
    this.objects(bucket).set(key, { content: body, lastModified: new Date() });
  }
}
