{{- define "semblance.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "semblance.metadata" . | nindent 2 }}
  {{- with .values.serviceAccountAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}

{{/* Pods are named also while they are not ready: whoever scales or watches them needs them most then. */}}
{{- define "semblance.opsService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "semblance.partName" . }}-ops
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "semblance.labels" . | nindent 4 }}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    {{- include "semblance.selector" . | nindent 4 }}
  ports:
    - name: ops
      port: 9090
      targetPort: ops
{{- end }}

{{- define "semblance.pdb" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "semblance.metadata" . | nindent 2 }}
spec:
  maxUnavailable: {{ .values.disruption.maxUnavailable }}
  # A pod that is not ready serves nobody, and must not keep a node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "semblance.selector" . | nindent 6 }}
{{- end }}

{{- define "semblance.monitor" -}}
{{- $monitoring := .root.Values.monitoring -}}
{{- with $monitoring.scrapeBy -}}
apiVersion: monitoring.coreos.com/v1
kind: {{ . }}
metadata:
  {{- include "semblance.metadata" $ | nindent 2 }}
    {{- with $monitoring.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "semblance.selector" $ | nindent 6 }}
  {{ ternary "endpoints" "podMetricsEndpoints" (eq . "ServiceMonitor") }}:
    - port: ops
      path: /metrics
      interval: {{ $monitoring.intervalSeconds }}s
{{- end }}
{{- end }}
