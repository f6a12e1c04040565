{{- define "semblance.deployment" -}}
{{- $isGateway := eq .part "gateway" -}}
{{- $stopDelay := .values.stopDelaySeconds | default 0 | int -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "semblance.metadata" . | nindent 2 }}
spec:
  {{- if not (include "semblance.isAutoscaled" .) }}
  replicas: {{ .values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "semblance.selector" . | nindent 6 }}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      # A new pod is ready before an old one ends, so that no request is refused.
      maxUnavailable: 0
      maxSurge: {{ ternary 1 "25%" $isGateway }}
  template:
    metadata:
      labels:
        {{- include "semblance.labels" . | nindent 8 }}
        {{- with .values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        # What lies in /tmp is worth nothing to the next pod: a node may be given up for all of it.
        cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes: temporary
        {{- with .values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "semblance.partName" . }}
      # The drain time, the delay before it, and ten seconds to close.
      terminationGracePeriodSeconds: {{ add .root.Values.drainSeconds $stopDelay 10 }}
      {{- include "semblance.podSettings" . | trim | nindent 6 }}
      {{- include "semblance.spread" . | trim | nindent 6 }}
      containers:
        - name: {{ ternary "gateway" "worker" $isGateway }}
          image: {{ include "semblance.image" (dict "root" .root "image" .values.image) }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          env:
            {{- include "semblance.env" . | trim | nindent 12 }}
          ports:
            {{- if $isGateway }}
            - name: http
              containerPort: 41101
            {{- end }}
            - name: ops
              containerPort: 9090
          {{- include "semblance.probes" . | trim | nindent 10 }}
          {{- with .values.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          securityContext:
            {{- include "semblance.containerSecurity" . | nindent 12 }}
          volumeMounts:
            {{- include "semblance.volumeMounts" . | trim | nindent 12 }}
      volumes:
        {{- include "semblance.volumes" . | trim | nindent 8 }}
{{- end }}

{{- define "semblance.probes" -}}
# A worker loads its networks first, which takes some seconds, and longer where the CPU is shared.
startupProbe:
  httpGet: {path: /livez, port: ops}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /livez, port: ops}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
# Half a minute: stores that are slow for a moment make all pods unready at once, and then callers would find nobody, rather
# than an answer that says why and when to try again. A pod that ends is left out at once all the same.
readinessProbe:
  httpGet: {path: /readyz, port: ops}
  periodSeconds: 3
  timeoutSeconds: 2
  failureThreshold: 10
{{- end }}
