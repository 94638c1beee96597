export interface MetricDatum {
  region: string;
  namespace: string;
  metricName: string;
  dimensions: Record<string, string>;
  value: number | undefined;
  unit: string | undefined;
  timestamp: Date | undefined;
}
