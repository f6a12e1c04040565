{{- define "semblance.hpa" -}}
{{- $scaling := .values.autoscaling -}}
{{- if $scaling.hpa.enabled -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "semblance.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "semblance.partName" . }}
  minReplicas: {{ max 1 ($scaling.minReplicas | int) }}
  maxReplicas: {{ $scaling.maxReplicas }}
  metrics:
    {{- with $scaling.hpa.metrics }}
    {{- toYaml . | nindent 4 }}
    {{- else }}
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ $scaling.hpa.cpuPercent }}
    {{- end }}
  {{- with $scaling.behavior }}
  behavior:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* `triggers` is the text of a list. */}}
{{- define "semblance.scaledObject" -}}
{{- $scaling := .values.autoscaling -}}
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  {{- include "semblance.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    name: {{ include "semblance.partName" . }}
  pollingInterval: {{ .root.Values.keda.pollingIntervalSeconds }}
  {{- with $scaling.keda.idleSeconds }}
  cooldownPeriod: {{ . }}
  {{- end }}
  minReplicaCount: {{ $scaling.minReplicas }}
  maxReplicaCount: {{ $scaling.maxReplicas }}
  advanced:
    horizontalPodAutoscalerConfig:
      {{- with $scaling.behavior }}
      behavior:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  triggers:
    {{- .triggers | nindent 4 }}
{{- end }}

{{/*
  One figure of a lane, from the gateways themselves or from Prometheus. Each gateway tells the whole queue, so the
  greatest answer is taken. `type` Value compares the figure with the target; AverageValue divides it by the pods first.
*/}}
{{- define "semblance.laneTrigger" -}}
{{- $prometheus := .root.Values.keda.prometheusAddress -}}
{{- $target := float64 .target -}}
- type: {{ ternary "prometheus" "metrics-api" (ne $prometheus "") }}
  name: {{ .lane }}-{{ .field | kebabcase }}
  metricType: {{ .type }}
  metadata:
    {{- if $prometheus }}
    serverAddress: {{ $prometheus }}
    # Without a worker the estimated wait is infinite, and KEDA takes that for nothing to do.
    query: max(semblance_queue_{{ .metric }}{lane="{{ .lane }}",namespace="{{ .root.Release.Namespace }}"} < 1e9)
    threshold: {{ ternary (divf $target 1000) $target (hasSuffix "_seconds" .metric) | quote }}
    activationThreshold: "0"
    {{- else }}
    url: http://{{ include "semblance.fullname" .root }}-gateway-ops.{{ .root.Release.Namespace }}.svc:9090/ops/scaling
    valueLocation: {{ .lane }}.{{ .field }}
    targetValue: {{ $target | quote }}
    activationTargetValue: "0"
    aggregateFromKubeServiceEndpoints: "true"
    aggregationType: max
    {{- end }}
{{- end }}
