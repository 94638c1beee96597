import type { Service } from '../../gateway/service';
import { bucketOperations, type S3State, uploadOperations } from './operations';

/** Amazon S3: buckets, objects and uploads (Amazon S3 API reference). */
export function s3Service(state: S3State): Service {
  return {
    name: 's3',
    actionPrefix: 's3',
    operations: { ...bucketOperations(state), ...uploadOperations(state) },
  };
}
