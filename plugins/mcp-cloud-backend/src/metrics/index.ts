export { MetricsSampler } from './MetricsSampler';
