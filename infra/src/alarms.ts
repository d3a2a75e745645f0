import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationLoadBalancer, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as elb from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as events from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

export interface AlarmsProps {
  readonly region: string;
  readonly alb: ApplicationLoadBalancer;
  readonly targets: ApplicationTargetGroup;
  readonly slots: readonly FargateService[];
  readonly clusterName: string;
  readonly backendLogs: logs.ILogGroup;
  readonly logsKey: IKey;
  readonly masterKeys: readonly IKey[];
  readonly certificateArn: string;
}

const MINUTE = Duration.minutes(1);

/** What wakes somebody up. Each name is a heading of docs/runbook.md, which says what to do. */
export class Alarms extends Construct {
  readonly #topic: Topic;
  readonly #region: string;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#region = props.region;
    this.#topic = new Topic(this, 'Topic', { masterKey: props.logsKey, enforceSSL: true });
    const { alb, targets } = props;
    this.#alarm('no-healthy-balancer', targets.metrics.healthyHostCount({ period: MINUTE, statistic: 'min' }), 2, {
      below: true,
      minutes: 3,
    });
    this.#alarm(
      'answers-5xx',
      targets.metrics.httpCodeTarget(elb.HttpCodeTarget.TARGET_5XX_COUNT, { period: MINUTE }),
      20,
      {
        minutes: 3,
      },
    );
    this.#alarm('slow', alb.metrics.targetResponseTime({ period: MINUTE, statistic: 'p99' }), 5, { minutes: 10 });
    props.slots.forEach((slot, index) => {
      const running = new cloudwatch.Metric({
        namespace: 'ECS/ContainerInsights',
        metricName: 'RunningTaskCount',
        dimensionsMap: { ClusterName: props.clusterName, ServiceName: slot.serviceName },
        period: MINUTE,
        statistic: 'min',
      });
      this.#alarm(`slot-down-${index + 1}`, running, 1, { below: true, minutes: 5 });
      this.#alarm(`memory-${index + 1}`, slot.metricMemoryUtilization({ period: MINUTE }), 85, { minutes: 10 });
    });
    this.#logged('keys-unavailable', props.backendLogs, '{ $.event = "masterKeyState" && $.state = "unavailable" }');
    this.#logged('database-away', props.backendLogs, '{ $.event = "databaseState" && $.state = "disconnected" }');
    this.#logged('unexpected-errors', props.backendLogs, '{ $.event = "unexpectedError" }', 5);
    const expiry = new cloudwatch.Metric({
      namespace: 'AWS/CertificateManager',
      metricName: 'DaysToExpiry',
      dimensionsMap: { CertificateArn: props.certificateArn },
      period: Duration.days(1),
      statistic: 'min',
    });
    this.#alarm('certificate-expires', expiry, 21, { below: true, minutes: 1 });
    new events.Rule(this, 'MasterKeyChanged', {
      description: `oneshot-${props.region}-master-key-changed`,
      eventPattern: {
        source: ['aws.kms'],
        detailType: ['AWS API Call via CloudTrail'],
        detail: {
          eventSource: ['kms.amazonaws.com'],
          eventName: ['DisableKey', 'ScheduleKeyDeletion', 'PutKeyPolicy', 'DisableKeyRotation', 'CreateGrant'],
          requestParameters: { keyId: props.masterKeys.flatMap(({ keyId, keyArn }) => [keyId, keyArn]) },
        },
      },
      targets: [new SnsTopic(this.#topic)],
    });
  }

  #logged(name: string, group: logs.ILogGroup, pattern: string, most = 0): void {
    const filter = new logs.MetricFilter(this, `Lines-${name}`, {
      logGroup: group,
      filterPattern: logs.FilterPattern.literal(pattern),
      metricNamespace: 'OneShot',
      metricName: name,
    });
    this.#alarm(name, filter.metric({ period: MINUTE, statistic: 'sum' }), most + 1, { minutes: 1 });
  }

  #alarm(
    name: string,
    metric: cloudwatch.IMetric,
    threshold: number,
    { below = false, minutes }: { below?: boolean; minutes: number },
  ): void {
    const alarm = new cloudwatch.Alarm(this, name, {
      alarmName: `oneshot-${this.#region}-${name}`,
      alarmDescription: `docs/runbook.md, ${name.replace(/-\d+$/, '')}`,
      metric,
      threshold,
      evaluationPeriods: minutes,
      comparisonOperator: below
        ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        : cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: below ? cloudwatch.TreatMissingData.BREACHING : cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.#topic));
    alarm.addOkAction(new SnsAction(this.#topic));
  }
}
