import { randomUUID } from 'node:crypto';
import { ApiError } from '../../gateway/errors';

/** An object of Amazon S3. */
interface StoredObject {
  readonly content: Buffer;
  readonly lastModified: Date;
}

/** The objects of Amazon S3, and uploads in parts that are under way. */
export class Buckets {
  #objects = new Map<string, Map<string, StoredObject>>();
  #uploads = new Map<string, Map<number, Buffer>>();

  create(bucket: string): void {
    this.#objects.set(bucket, new Map());
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

  /** Begins an upload in parts. @returns Its id. */
  beginUpload(): string {
    const id = randomUUID();
    this.#uploads.set(id, new Map());
    return id;
  }

  /** The parts of an upload by their numbers. @throws ApiError NoSuchUpload */
  parts(uploadId: string): Map<number, Buffer> {
    const parts = this.#uploads.get(uploadId);
    if (!parts) {
      throw new ApiError('NoSuchUpload', 'The specified upload does not exist.', 404);
    }
    return parts;
  }

  /** Ends an upload, completed or not. */
  endUpload(uploadId: string): void {
    this.#uploads.delete(uploadId);
  }
}
